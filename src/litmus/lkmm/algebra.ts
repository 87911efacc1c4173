/** A relation over n events: row i tells, bit by bit, which events i is related to. */
export type Relation = Uint32Array

/** A set of events, one bit each. */
export type EventSet = Uint32Array

/**
 * Relations over n events as rows of bits. Results come from a pool: whoever calls `mark` and later `release` gives
 * back everything made in between, so that checking one candidate allocates nothing.
 */
export class Algebra {
  readonly words: number
  private readonly pool: Relation[] = []
  private used = 0

  constructor(readonly n: number) {
    this.words = Math.max(1, (n + 31) >> 5)
  }

  mark(): number {
    return this.used
  }

  release(mark: number): void {
    this.used = mark
  }

  /** The empty relation. */
  empty(): Relation {
    if (this.used === this.pool.length) this.pool.push(new Uint32Array(this.n * this.words))
    else this.pool[this.used]!.fill(0)
    return this.pool[this.used++]!
  }

  set(): EventSet {
    return new Uint32Array(this.words)
  }

  add(r: Relation, from: number, to: number): void {
    r[from * this.words + (to >> 5)]! |= 1 << (to & 31)
  }

  has(r: Relation, from: number, to: number): boolean {
    return (r[from * this.words + (to >> 5)]! & (1 << (to & 31))) !== 0
  }

  copy(a: Relation): Relation {
    const out = this.empty()
    out.set(a)
    return out
  }

  /** Union of all. */
  or(...all: Relation[]): Relation {
    const out = this.copy(all[0]!)
    for (let k = 1; k < all.length; k++) this.orInto(out, all[k]!)
    return out
  }

  orInto(out: Relation, a: Relation): void {
    for (let i = 0; i < out.length; i++) out[i]! |= a[i]!
  }

  and(a: Relation, b: Relation): Relation {
    const out = this.empty()
    for (let i = 0; i < out.length; i++) out[i] = a[i]! & b[i]!
    return out
  }

  /** a without b. */
  minus(a: Relation, b: Relation): Relation {
    const out = this.empty()
    for (let i = 0; i < out.length; i++) out[i] = a[i]! & ~b[i]!
    return out
  }

  /** `a ; b` */
  seq(a: Relation, b: Relation): Relation {
    const out = this.empty()
    this.seqInto(out, a, b)
    return out
  }

  seqInto(out: Relation, a: Relation, b: Relation): void {
    const { words } = this
    if (words === 1) {
      for (let i = 0; i < this.n; i++) {
        let row = out[i]!
        for (let rest = a[i]!; rest !== 0; rest &= rest - 1) row |= b[31 - Math.clz32(rest & -rest)]!
        out[i] = row
      }
      return
    }
    for (let i = 0; i < this.n; i++) {
      const to = i * words
      for (let w = 0; w < words; w++) {
        for (let rest = a[to + w]!; rest !== 0; rest &= rest - 1) {
          const via = ((w << 5) + 31 - Math.clz32(rest & -rest)) * words
          for (let x = 0; x < words; x++) out[to + x]! |= b[via + x]!
        }
      }
    }
  }

  inverse(a: Relation): Relation {
    const out = this.empty()
    for (let i = 0; i < this.n; i++) {
      for (let w = 0; w < this.words; w++) {
        for (let rest = a[i * this.words + w]!; rest !== 0; rest &= rest - 1) {
          this.add(out, (w << 5) + 31 - Math.clz32(rest & -rest), i)
        }
      }
    }
    return out
  }

  /** `[from] ; a ; [to]`; an absent set stands for all events. */
  restrict(a: Relation, from: EventSet | undefined, to: EventSet | undefined): Relation {
    const out = this.copy(a)
    const { words } = this
    for (let i = 0; i < this.n; i++) {
      const keep = !from || (from[i >> 5]! & (1 << (i & 31))) !== 0
      for (let w = 0; w < words; w++) {
        if (!keep) out[i * words + w] = 0
        else if (to) out[i * words + w]! &= to[w]!
      }
    }
    return out
  }

  identity(of?: EventSet): Relation {
    const out = this.empty()
    for (let i = 0; i < this.n; i++) if (!of || (of[i >> 5]! & (1 << (i & 31))) !== 0) this.add(out, i, i)
    return out
  }

  /** `a+`, in place. */
  closeInto(a: Relation): Relation {
    const { n, words } = this
    for (let k = 0; k < n; k++) {
      const via = k * words
      const word = k >> 5
      const bit = 1 << (k & 31)
      for (let i = 0; i < n; i++) {
        if ((a[i * words + word]! & bit) === 0) continue
        for (let w = 0; w < words; w++) a[i * words + w]! |= a[via + w]!
      }
    }
    return a
  }

  /** `a*` */
  star(a: Relation): Relation {
    const out = this.closeInto(this.copy(a))
    for (let i = 0; i < this.n; i++) this.add(out, i, i)
    return out
  }

  isIrreflexive(a: Relation): boolean {
    for (let i = 0; i < this.n; i++) if (this.has(a, i, i)) return false
    return true
  }

  isEmpty(a: Relation): boolean {
    for (let i = 0; i < a.length; i++) if (a[i] !== 0) return false
    return true
  }
}
