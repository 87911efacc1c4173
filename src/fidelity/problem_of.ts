import { REAL } from '../kernel/geometry.js'
import { operations } from './operations.js'
import { parseOperation, type Program } from './program.js'

/** Pages of the region that programs work on, as in the driver of the recordings: eight huge pages of x86-64. */
export const REGION = REAL.ptrsPerPte * REAL.ptrsPerPmd

/** Operations whose first two arguments are a range. */
const RANGES = new Set(['mmap', 'munmap', 'mlock', 'munlock', 'mprotect', 'madvise', 'mremap', 'move', 'dtodev', 'dtosys', 'dread', 'dwrite', 'gup'])

const problemIn = (line: string, region: number): { problem: string; hint: string } | undefined => {
  const { name, args } = parseOperation(line)
  if (!Object.hasOwn(operations, name)) return { problem: `there is no operation "${name}"`, hint: `there are ${Object.keys(operations).join(', ')}` }
  const wrong = line.trim().split(/\s+/).slice(1).find((word) => !/^\d{1,9}$/.test(word))
  if (wrong !== undefined) return { problem: `"${wrong}" is not a number that an operation takes`, hint: 'an operation is its name, its process, and its other arguments' }
  const [first = 0, n = 0] = args
  if (Math.max(...args, RANGES.has(name) ? first + n : 0) > region) {
    return { problem: `it reaches beyond the ${region} pages that are modelled`, hint: 'page 0 is the first of the region that programs work on' }
  }
  return undefined
}

/** What of a program cannot be run at all, and what to do about it. */
export const problemOf = ({ prog, pages }: Program, region = REGION): { problem: string; hint: string } | undefined => {
  const page = pages.find((at) => at >= region)
  if (page !== undefined) return { problem: `page ${page} is observed, of ${region} that are modelled`, hint: 'page 0 is the first of the region that programs work on' }
  for (const [i, line] of prog.entries()) {
    const found = problemIn(line, region)
    if (found) return { problem: `operation ${i}, "${line.slice(0, 60)}": ${found.problem}`, hint: found.hint }
  }
  return undefined
}
