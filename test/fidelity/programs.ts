import * as fc from 'fast-check'

/** A program of every kind of operation, as the recordings have them: over single pages, or over two huge ones. */
export interface RandomProgram {
  readonly pages: readonly number[]
  readonly prog: readonly string[]
}

const PROT = [0, 1, 3, 3]
const ADVICE = [4, 4, 8, 8, 10, 11, 12, 13, 14, 15, 18, 19, 20, 22, 23, 25, 25]
const PROCESSES = 4

const line = (...parts: readonly (string | number)[]): string => parts.join(' ')

/** What programs are made of. */
export interface ProgramOptions {
  /** Pages of a huge page: 512, if the base page is 4 KiB and the huge one 2 MiB. */
  readonly hugePages?: number
  /** Whether only of what an unmodified kernel lets user space do. */
  readonly stock?: boolean
}

const operation = (huge: boolean, { hugePages: nr = 512, stock = false }: ProgramOptions): fc.Arbitrary<string> => {
  const size = huge ? 2 * nr : 4
  const page = huge ? fc.constantFrom(0, 1, nr - 1, nr, nr + 1) : fc.nat(3)
  const range = fc.tuple(page, huge ? fc.constantFrom(1, 2, nr - 1, nr, 2 * nr) : fc.integer({ min: 1, max: 4 }))
    .map(([start, n]) => [start, Math.min(n, size - start)] as const)
  const process = fc.constantFrom(0, 0, 0, 1, 1, 2, 3)
  const slot = fc.nat(3)
  const value = fc.integer({ min: 1, max: 250 })
  const few = range.map(([start, n]) => [start, Math.min(n, 4)] as const)
  const over = (name: string, ranges = range, ...last: readonly fc.Arbitrary<number>[]): fc.Arbitrary<string> =>
    fc.tuple(process, ranges, ...last).map(([p, [start, n], ...rest]) => line(name, p, start, n, ...rest))
  const at = (name: string, ...rest: readonly fc.Arbitrary<number>[]): fc.Arbitrary<string> =>
    fc.tuple(process, ...rest).map((parts) => line(name, ...parts))
  const byModules = [
    at('gup', page, fc.constant(1), fc.nat(4), fc.nat(1)), at('kpin', slot, page, fc.nat(1), fc.nat(1)), at('kunpin', slot), at('pread', slot),
    at('pwrite', slot, value), over('dtodev', few), over('dtosys', few), over('dread', few), at('dwrite', page, fc.constant(1), value),
  ]
  return fc.oneof(
    { weight: 8, arbitrary: at('write', page, value) },
    { weight: 4, arbitrary: at('read', page) },
    { weight: 3, arbitrary: at('fork', fc.integer({ min: 1, max: PROCESSES - 1 })) },
    over('mmap', range, fc.nat(1), fc.constantFrom(...PROT)), over('munmap'), over('mprotect', range, fc.constantFrom(...PROT)),
    { weight: 4, arbitrary: over('madvise', range, fc.constantFrom(...ADVICE)) },
    over('mremap', range, fc.constantFrom(size * 2, size * 2, 0), fc.nat(1)), over('mlock'), over('munlock'), at('exit'), at('clearsd'),
    at('vmsplice', slot, page), at('upin', slot, page, fc.constant(1)), at('unpin', slot), over('move', few, fc.nat(1)), fc.constant('ksm 0'),
    ...(stock ? [] : byModules),
  )
}

/** A process that forks into one that lives, or the first that exits with no other left, is nothing a recording does. */
const sensible = (lines: readonly string[]): string[] => {
  const alive = new Set(['0'])
  return lines.filter((text) => {
    const [name, process = '', child = ''] = text.split(' ')
    if (!alive.has(process) || (name === 'fork' && alive.has(child)) || (name === 'exit' && alive.size === 1)) return false
    if (name === 'fork') alive.add(child)
    if (name === 'exit') alive.delete(process)
    return true
  })
}

/** Random programs of all operations, over a few pages or over two huge ones. */
export const randomPrograms = (options: ProgramOptions = {}): fc.Arbitrary<RandomProgram> => fc.boolean().chain((huge) =>
  fc.tuple(fc.nat(1), fc.array(operation(huge, options), { minLength: 10, maxLength: 40 })).map(([shared, lines]) => {
    const nr = options.hugePages ?? 512
    return {
      pages: huge ? [0, 1, nr - 1, nr, nr + 1, 4 * nr] : [0, 1, 2, 3, 8, 9],
      prog: [line('mmap', 0, 0, huge ? 2 * nr : 4, shared, 3), ...(huge ? [line('madvise', 0, 0, 2 * nr, 14)] : []), ...sensible(lines)],
    }
  }))
