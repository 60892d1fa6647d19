/** The names that mean a number: the man pages' constants, and the short forms people may use for flags. */
import { ERRNO, MADV, MAP, MAP_HUGE_SHIFT, MCL, MLOCK, MREMAP, PROT, RLIM_INFINITY, RLIMIT, UFFD_FEATURE, UFFD_MODE, type Errno, type FlagKind } from '../../machine/index.js';

export interface FlagFamily {
  /** As messages call it: `MAP_*`. */
  readonly name: string;
  readonly constants: ReadonlyMap<string, bigint>;
  /** Known in the places of this family only. */
  readonly short: ReadonlyMap<string, bigint>;
}

const family = (name: string, table: Readonly<Record<string, number>>, short: Readonly<Record<string, number>>, more: Readonly<Record<string, number>> = {}): FlagFamily => ({
  name,
  constants: bigints({ ...table, ...more }),
  short: bigints(short),
});

const bigints = (table: Readonly<Record<string, number>>): Map<string, bigint> => new Map(Object.entries(table).map(([name, value]) => [name, BigInt(value)]));

/** `MAP_PRIVATE` as people say it: `private`. */
function shortened(prefix: string, table: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(table)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length).toLowerCase(), value]),
  );
}

const { PROT_READ, PROT_WRITE, PROT_EXEC } = PROT;

/** The families of flags, by the kind of parameter that takes them. */
export const FLAGS: Readonly<Record<FlagKind, FlagFamily>> = {
  prot: family('PROT_*', PROT, {
    ...shortened('PROT_', PROT),
    rw: PROT_READ | PROT_WRITE,
    rx: PROT_READ | PROT_EXEC,
    rwx: PROT_READ | PROT_WRITE | PROT_EXEC,
  }),
  'map-flags': family('MAP_*', MAP, { ...shortened('MAP_', MAP), anon: MAP.MAP_ANONYMOUS }, { MAP_HUGE_SHIFT }),
  'mremap-flags': family('MREMAP_*', MREMAP, shortened('MREMAP_', MREMAP)),
  advice: family('MADV_*', MADV, shortened('MADV_', MADV)),
  'mlock-flags': family('MLOCK_*', MLOCK, shortened('MLOCK_', MLOCK)),
  'mlockall-flags': family('MCL_*', MCL, shortened('MCL_', MCL)),
  resource: family('RLIMIT_*', RLIMIT, shortened('RLIMIT_', RLIMIT)),
  'uffd-features': family('UFFD_FEATURE_*', UFFD_FEATURE, shortened('UFFD_FEATURE_', UFFD_FEATURE)),
  'uffd-mode': family('UFFDIO_REGISTER_MODE_*', UFFD_MODE, shortened('UFFDIO_REGISTER_MODE_', UFFD_MODE)),
};

export const CONSTANTS: ReadonlyMap<string, bigint> = new Map([
  ['NULL', 0n],
  ['RLIM_INFINITY', RLIM_INFINITY],
  ['RLIM64_INFINITY', RLIM_INFINITY],
  ...Object.values(FLAGS).flatMap((f) => [...f.constants]),
]);

export const isErrno = (name: string): name is Errno => Object.hasOwn(ERRNO, name);
export const ERRNO_NAMES = Object.keys(ERRNO) as Errno[];

const PREFIX = new RegExp(
  `^(?:${Object.values(FLAGS)
    .map((f) => f.name.replace('_*', ''))
    .join('|')})_`,
);

/** Spelt like a constant of the man pages, whether it is one or not. */
export const looksLikeFlag = (name: string): boolean => PREFIX.test(name);

/** `MAP_FIXED` without its family: `fixed`. */
export const bareFlag = (name: string): string => name.replace(PREFIX, '').toLowerCase();
