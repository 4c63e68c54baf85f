/**
 * The platform, Node or a page: its modules, environment, processors and shared memory, without imports that a bundler for
 * pages cannot resolve.
 */

/** Node's own modules; undefined in a page. */
export const nodeModule = <M>(name: string): M | undefined =>
  typeof process === 'undefined' ? undefined : (process.getBuiltinModule?.(name) as M | undefined);

export const isNode = (): boolean => typeof process !== 'undefined' && process.versions?.node !== undefined;

/** A variable of the environment, if it is there and not empty. */
export const environment = (name: string): string | undefined =>
  (typeof process === 'undefined' ? undefined : process.env?.[name]) || undefined;

/** Pairs of package and core that Linux lists; one for each core, however many threads it runs. */
const coresOfLinux = (): number => {
  try {
    const text = nodeModule<typeof import('node:fs')>('node:fs')?.readFileSync('/proc/cpuinfo', 'utf8') ?? '';
    const each = text
      .split('\n\n')
      .map((entry) => /^physical id.*$/m.exec(entry)?.[0] + '/' + /^core id.*$/m.exec(entry)?.[0]);
    return new Set(each.filter((name) => !name.includes('undefined'))).size;
  } catch {
    return 0;
  }
};

/** Intel's and AMD's processors run two threads on a core, where the system does not say otherwise. */
const halved = (threads: number): number => Math.max(1, Math.ceil(threads / 2));

/**
 * Cores of the processor that this process may run on. Two threads on one core multiply no faster than one, so a core
 * counts once where the platform tells cores from threads.
 */
export const physicalCores = (): number => {
  const os = nodeModule<typeof import('node:os')>('node:os');
  if (os) {
    const available = os.availableParallelism();
    const cores = os.platform() === 'linux' ? coresOfLinux() : 0;
    return Math.min(available, cores || (os.arch() === 'x64' ? halved(available) : available));
  }
  const logical = (typeof navigator === 'undefined' ? undefined : navigator.hardwareConcurrency) ?? 1;
  return logical <= 4 ? logical : halved(logical);
};

/** Why threads cannot share memory here; undefined where they can. */
export const whyNoSharing = (): string | undefined => {
  if (typeof SharedArrayBuffer === 'undefined')
    return 'there is no shared memory here: the page is not cross-origin isolated';
  if (!isNode() && (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated !== true)
    return 'the page is not cross-origin isolated';
  if (!isNode() && typeof Worker === 'undefined') return 'there are no workers here';
  return undefined;
};
