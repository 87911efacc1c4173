/** A map from 64-bit fingerprints to numbers. */
export class StateIndex {
  private table = new Int32Array(3 * 1024)
  private count = 0

  get bytes(): number {
    return this.table.byteLength
  }

  /** The number kept for a fingerprint; -1 when there is none. */
  get(high: number, low: number): number {
    return this.table[this.place(this.table, high, low) + 2]! - 1
  }

  /** `value` from 0 to 2^31-2. */
  set(high: number, low: number, value: number): void {
    if (this.count * 6 >= this.table.length) this.grow()
    const at = this.place(this.table, high, low)
    if (this.table[at + 2] === 0) this.count++
    this.table[at] = high
    this.table[at + 1] = low
    this.table[at + 2] = value + 1
  }

  private place(table: Int32Array, high: number, low: number): number {
    const room = table.length / 3
    let at = ((low ^ Math.imul(high, 0x9e3779b1)) >>> 0) % room
    while (table[at * 3 + 2] !== 0 && (table[at * 3] !== high || table[at * 3 + 1] !== low)) at = (at + 1) % room
    return at * 3
  }

  private grow(): void {
    const old = this.table
    const table = new Int32Array(old.length * 2)
    for (let i = 0; i < old.length; i += 3) {
      if (old[i + 2] !== 0) table.set(old.subarray(i, i + 3), this.place(table, old[i]!, old[i + 1]!))
    }
    this.table = table
  }
}
