/**
 * Bytes as text that a page can carry, a quarter longer than they are: each four as five digits to the base of 85. A digit is the
 * code of its character, from 42 on, modulo 85; `!` stands for `<`, which would mean something to a browser.
 */
export function base85(bytes: Uint8Array): string {
  const padded = new DataView(new ArrayBuffer(Math.ceil(bytes.length / 4) * 4))
  new Uint8Array(padded.buffer).set(bytes)
  const digits = new Uint8Array(padded.byteLength / 4 * 5)
  for (let i = 0; i < digits.length; i += 5) {
    for (let word = padded.getUint32(i / 5 * 4), k = 4; k >= 0; k--, word = Math.floor(word / 85)) {
      const digit = word % 85
      digits[i + k] = digit < 42 ? digit + 85 : digit
    }
  }
  return new TextDecoder().decode(digits).replaceAll('<', '!')
}
