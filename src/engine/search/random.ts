/** A small seeded generator (xorshift32): the same seed gives the same run everywhere. */
export class Random {
  private state: number

  /** Any integer; equal modulo 2^32 is equal. */
  constructor(seed: number) {
    this.state = (Math.imul(seed | 0, 0x9e3779b1) ^ 0x6d2b79f5) | 1
  }

  /** A number from 0 to n-1. */
  below(n: number): number {
    this.state ^= this.state << 13
    this.state ^= this.state >>> 17
    this.state ^= this.state << 5
    return (this.state >>> 0) % n
  }
}
