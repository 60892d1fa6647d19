/** Kernels that people know by their distribution: the series each is made from. Backports of a vendor are not modelled. */
export interface Distribution {
  readonly name: string;
  /** As people write it. */
  readonly product: string;
  /** The mainline series it is based on, or comes nearest to. */
  readonly series: string;
  readonly sentence: string;
}

const based = (name: string, product: string, series: string, more = ''): Distribution => ({ name, product, series, sentence: `${product}: ${series}${more}` });

export const DISTRIBUTIONS: readonly Distribution[] = [
  based('android-16', 'Android 16', '6.12', ', the newest of its common kernels'),
  based('android-15', 'Android 15', '6.6', ', the newest of its common kernels'),
  based('android-14', 'Android 14', '6.1', ', the newest of its common kernels'),
  based('android-13', 'Android 13', '5.15', ', the newest of its common kernels'),
  based('android-12', 'Android 12', '5.10', ', the newest of its common kernels'),
  based('debian-13', 'Debian 13', '6.12'),
  based('debian-12', 'Debian 12', '6.1'),
  based('debian-11', 'Debian 11', '5.10'),
  based('rhel-10', 'RHEL 10', '6.12', ' and backports: nearest 6.12'),
  based('rhel-9', 'RHEL 9', '5.14', ' and backports: nearest 5.14'),
  based('ubuntu-25.10', 'Ubuntu 25.10', '6.17'),
  based('ubuntu-25.04', 'Ubuntu 25.04', '6.14'),
  based('ubuntu-24.10', 'Ubuntu 24.10', '6.11'),
  based('ubuntu-24.04', 'Ubuntu 24.04', '6.8', ', and 6.11 and later with its hardware enablement'),
  based('ubuntu-22.04', 'Ubuntu 22.04', '5.15', ', and up to 6.8 with its hardware enablement'),
  based('sles-16', 'SLES 16', '6.12', ' and backports: nearest 6.12'),
  based('amazon-2023', 'Amazon Linux 2023', '6.1', ', and 6.12 as a choice'),
  based('amazon-2', 'Amazon Linux 2', '5.10', ', as a choice'),
];

export const distribution = (name: string): Distribution | undefined => DISTRIBUTIONS.find((d) => d.name === name);
