import { wordsOf } from './words.js'

/** A 32-bit check sum: no single damaged word goes unseen. */
export class Checksum {
  private value = 0x2f0b4a27

  static of(bytes: Uint8Array): number {
    const sum = new Checksum()
    sum.add(bytes)
    return sum.result
  }

  get result(): number {
    return this.value >>> 0
  }

  add(bytes: Uint8Array): void {
    for (const word of wordsOf(bytes)) this.mix(word)
    for (const byte of bytes.subarray(bytes.length & ~3)) this.mix(byte)
  }

  private mix(word: number): void {
    const product = Math.imul(this.value ^ word, 0x85ebca6b)
    this.value = product ^ (product >>> 15)
  }
}
