const STOP = 0
const HUNGRY = 1
const USERS = 2
const GROWING = 3
const WORDS = 4

/** Words that all workers and the main thread share, and each worker's numbers for the progress line. */
export class Control {
  private readonly words: Int32Array
  private readonly numbers: Float64Array

  static buffer(workers: number): SharedArrayBuffer {
    return new SharedArrayBuffer(WORDS * 4 + workers * 24)
  }

  constructor(buffer: SharedArrayBuffer) {
    this.words = new Int32Array(buffer, 0, WORDS)
    this.numbers = new Float64Array(buffer, WORDS * 4)
  }

  reset(): void {
    this.words.fill(0)
    this.numbers.fill(0)
  }

  stop(): void {
    Atomics.store(this.words, STOP, 1)
  }

  /** Everybody has stopped, and goes on from what is left. */
  go(workers: number): void {
    Atomics.store(this.words, HUNGRY, workers)
    Atomics.store(this.words, STOP, 0)
  }

  get stopped(): boolean {
    return Atomics.load(this.words, STOP) !== 0
  }

  /** One more worker has nothing to do. */
  hunger(): void {
    Atomics.add(this.words, HUNGRY, 1)
  }

  get hungry(): boolean {
    return Atomics.load(this.words, HUNGRY) > 0
  }

  /** Somebody is going to feed one of the hungry; false when others already feed them all. */
  feed(): boolean {
    if (Atomics.sub(this.words, HUNGRY, 1) > 0) return true
    this.hunger()
    return false
  }

  /** Runs what uses the set of visited states. Waits while it grows. */
  using<T>(run: () => T): T {
    for (;;) {
      Atomics.add(this.words, USERS, 1)
      if (Atomics.load(this.words, GROWING) === 0) break
      this.leave()
      Atomics.wait(this.words, GROWING, 1)
    }
    try {
      return run()
    } finally {
      this.leave()
    }
  }

  private leave(): void {
    Atomics.sub(this.words, USERS, 1)
    Atomics.notify(this.words, USERS)
  }

  /** Runs `grow` while nobody uses the set; not at all when another worker is about to. */
  growing(grow: () => void): void {
    if (Atomics.compareExchange(this.words, GROWING, 0, 1) !== 0) return
    for (let users = Atomics.load(this.words, USERS); users > 0; users = Atomics.load(this.words, USERS)) {
      Atomics.wait(this.words, USERS, users)
    }
    grow()
    Atomics.store(this.words, GROWING, 0)
    Atomics.notify(this.words, GROWING)
  }

  tell(worker: number, states: number, transitions: number, depth: number): void {
    this.numbers.set([states, transitions, depth], worker * 3)
  }

  /** Over all workers, as far as told. */
  get told(): { states: number; transitions: number; depth: number } {
    const every = (offset: number): number[] => [...this.numbers].filter((_, i) => i % 3 === offset)
    const sum = (numbers: number[]): number => numbers.reduce((a, b) => a + b, 0)
    return { states: sum(every(0)), transitions: sum(every(1)), depth: Math.max(...every(2)) }
  }
}
