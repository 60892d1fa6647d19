/** struct userfaultfd_ctx, fs/userfaultfd.c: what a VMA knows of the userfaultfd that watches it. */
import type { UffdFeature } from '../machine/index.js';

export interface Uffd {
  readonly id: number;
  readonly features: ReadonlySet<UffdFeature>;
}
