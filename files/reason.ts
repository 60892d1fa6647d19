/** Why the file system refuses, in words. */

const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EBUSY: 'it is in use, or mounted by itself',
  EDQUOT: 'the quota of the disk is used up',
  EEXIST: 'something of that name is there',
  EFBIG: 'the file would be larger than is allowed',
  EIO: 'the disk fails',
  EISDIR: 'it is a directory',
  ELOOP: 'its symbolic links lead in a circle',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'the name is too long',
  ENFILE: 'too many files are open on this machine',
  ENOENT: 'there is no such file or directory',
  ENOSPC: 'no space is left on the disk',
  ENOTDIR: 'a part of the path is no directory',
  EPERM: 'the operation is not permitted',
  EROFS: 'the file system is read-only',
  ETXTBSY: 'it is a program that runs',
};

const EDQUOT = -122;

/** `no space is left on the disk (ENOSPC)` */
export function reason(error: unknown): string {
  const code = codeOf(error);
  if (code === undefined) return error instanceof Error ? error.message : String(error);
  const words = WORDS[code];
  return words === undefined ? code : `${words} (${code})`;
}

/** The file system's own code; undefined where the error is none of its. */
export function codeOf(error: unknown): string | undefined {
  const { code, errno, syscall } = (error ?? {}) as { readonly code?: unknown; readonly errno?: unknown; readonly syscall?: unknown };
  // Node has no name for it.
  if (errno === EDQUOT) return 'EDQUOT';
  return typeof code === 'string' && (typeof syscall === 'string' || code in WORDS) ? code : undefined;
}
