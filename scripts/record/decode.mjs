// What the recording machine says on its console, as recorded programs: see init.c for its lines, docs/systems.md for theirs.

/** Flags of include/uapi/linux/kernel-page-flags.h by their bits. */
const CORE = [[12, 'ANON'], [21, 'KSM'], [22, 'THP'], [15, 'HEAD'], [16, 'TAIL'], [24, 'ZERO'], [14, 'SWAPBACKED'], [33, 'MLOCKED'], [17, 'HUGE']]
const VOLATILE = [[5, 'LRU'], [6, 'ACTIVE'], [2, 'REFERENCED'], [4, 'DIRTY'], [3, 'UPTODATE'], [18, 'UNEVICTABLE']]
const ANON = 12n
const THP = 22n
const ZERO = 24n
/** PG_arch_1's neighbour: the first page-flag bit that kpageflags calls by an architecture's name, in which PG_anon_exclusive shows. */
const EXCLUSIVE = 34n

const has = (word, bit) => ((word >> BigInt(bit)) & 1n) === 1n
const names = (flags, list) => list.filter(([bit]) => has(flags, bit)).map(([, name]) => name).join('|')
const hex = (text) => BigInt(`0x${text}`)

/** Numbers of frames as they appear, forgotten when no observed entry maps them. */
class Frames {
  live = new Map()
  seen = new Map()
  next = 0

  name(key) {
    const number = this.seen.get(key) ?? this.live.get(key) ?? this.next++
    this.seen.set(key, number)
    return number
  }

  turn() {
    this.live = this.seen
    this.seen = new Map()
  }
}

const PFN = (1n << 55n) - 1n
/** Bits of a swap entry's type in pagemap: a migration entry to write and one to read are of one frame. */
const TYPE_BITS = 5n

function frameOf(frames, entry, flags) {
  if (has(flags, ZERO)) return has(flags, THP) ? 'HZ' : 'Z'
  const present = has(entry, 63)
  return frames.name(`${present} ${(entry & PFN) >> (present ? 0n : TYPE_BITS)}`)
}

function observation(frames, process, page, { entry, count, flags }) {
  const soft = Number(has(entry, 55))
  const present = has(entry, 63)
  if (!present && !has(entry, 62)) return [process, page, '-', 0, soft]
  const exclusive = has(flags, ANON) && has(flags, EXCLUSIVE)
  return [process, page, present ? 'P' : 'S', 0, soft, -1, frameOf(frames, entry, flags), Number(exclusive), Number(has(entry, 56)),
    Number(has(entry, 61)), Number(count), names(flags, CORE), names(flags, VOLATILE)]
}

/** One program while its lines come in. What did not change is not said again. */
class Recording {
  steps = []
  frames = new Frames()
  /** By process: its pages, and its mappings. */
  processes = new Map()

  constructor(program) {
    this.program = program
  }

  process(k) {
    if (!this.processes.has(k)) this.processes.set(k, { pages: new Map(), mappings: [] })
    return this.processes.get(k)
  }

  /** All that is said after an operation is known. */
  finishStep() {
    const step = this.steps.at(-1)
    if (!step || step.o) return
    if (step.r === 'skip') Object.assign(step, { o: [], m: [] })
    else {
      const processes = [...this.processes].toSorted(([a], [b]) => a - b)
      step.o = processes.flatMap(([k, { pages }]) => this.program.pages.map((page) => observation(this.frames, k, page, pages.get(page))))
      step.m = processes.flatMap(([, { mappings }]) => mappings)
    }
    this.frames.turn()
  }

  line([kind, ...rest]) {
    if (kind === 'S') {
      this.finishStep()
      const [r, e = 0, v = 0] = rest
      this.steps.push({ r: r === 'skip' ? 'skip' : Number(r), e: Number(e), v: Number(v) })
    } else if (kind === 'O') {
      const [k, page, entry, count, flags] = rest
      this.process(Number(k)).pages.set(Number(hex(page)), { entry: hex(entry), count: hex(count), flags: hex(flags) })
    } else if (kind === 'M') {
      const [k, ...words] = rest
      const mappings = []
      for (let i = 0; i + 2 < words.length; i += 3) mappings.push([Number(k), Number(hex(words[i])), Number(hex(words[i + 1])), words[i + 2]])
      this.process(Number(k)).mappings = mappings
    } else if (kind === 'X') {
      // Said before the operation that it belongs to: an exit, or the end of the program.
      this.finishStep()
      this.processes.delete(Number(rest[0]))
    }
  }
}

/** Recorded programs, complete ones only. */
export function* recordings(lines, programs) {
  const byId = new Map(programs.map((program) => [program.id, program]))
  let current
  for (const line of lines) {
    const words = line.trim().split(/\s+/)
    if (words[0] === 'P') current = byId.has(words[1]) ? new Recording(byId.get(words[1])) : undefined
    else if (words[0] === 'E' && current) {
      current.finishStep()
      const { program: { id, pages, prog }, steps } = current
      if (steps.length === prog.length) yield { id, pages, prog, steps }
      current = undefined
    } else if (current) current.line(words)
  }
}
