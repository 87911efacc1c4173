// Small seeded mutations of texts, of JSON and of bytes: what a slip, a broken disk or a stranger makes of a file.

/** A generator of random numbers (mulberry32): the same seed gives the same mutations everywhere. */
export const random = (seed) => {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return (t ^ (t >>> 14)) >>> 0
  }
  return { below: (n) => next() % n, pick: (list) => list[next() % list.length] }
}

const TOKEN = /[A-Za-z_$][\w$]*|\d+(?:\.\d+)?|"[^"\n]*"|'[^'\n]*'|\s+|[^\s\w]/g
const ODD = ['0', '-1', '1e9', '2147483648', 'NaN', '1.5', "''", '"\u001b[2J"', 'undefined', 'null', '[]', '{}', '()', '=>', ';', '/*', '\u0000', '\u202e', 'x'.repeat(300), '0x', '9'.repeat(40)]

/** Of one kind, so that one in the place of another leaves a text that can still be read. */
const kindOf = (token) => (/^[A-Za-z_$]/.test(token) ? 'name' : /^\d/.test(token) ? 'number' : /^["']/.test(token) ? 'text' : token)

/** A name, number or text replaced by another of the same file, or by an odd one. */
const mutateLikeForLike = (tokens, pool, r) => {
  const from = r.below(tokens.length)
  const at = tokens.findIndex((token, i) => i >= from && /^[\w$"']/.test(token))
  if (at < 0) return
  const others = pool.filter((token) => kindOf(token) === kindOf(tokens[at]))
  tokens[at] = r.below(5) === 0 ? r.pick(ODD) : r.pick(others)
}

/** One to four tokens taken out, doubled, put elsewhere, or replaced by others of the same file or by odd ones; or one by one of its kind. */
export const mutateText = (text, r) => {
  const tokens = text.match(TOKEN) ?? ['']
  const pool = tokens.filter((token) => token.trim() !== '')
  const gently = r.below(3) > 0
  if (gently) for (let n = 1 + r.below(2); n > 0; n--) mutateLikeForLike(tokens, pool, r)
  for (let n = gently ? 0 : 1 + r.below(4); n > 0; n--) {
    const at = r.below(tokens.length)
    switch (r.below(6)) {
      case 0: tokens.splice(at, 1 + r.below(3)); break
      case 1: tokens.splice(at, 0, ...tokens.slice(at, at + 1 + r.below(20))); break
      case 2: tokens[at] = r.pick(pool); break
      case 3: tokens[at] = r.pick(ODD); break
      case 4: tokens.splice(at, 0, r.pick(ODD)); break
      default: tokens.splice(r.below(tokens.length), 0, ...tokens.splice(at, 1 + r.below(12)))
    }
    if (tokens.length === 0) return ''
  }
  const result = tokens.join('')
  return r.below(40) === 0 ? result.slice(0, r.below(result.length + 1)) : result
}

const VALUES = [null, -1, 0, 1.5, 1e12, '', 'x', '\u001b[2J', true, [], {}, [[]], 'O6', 'arm64', 2 ** 31]

/** One to three values of a JSON text replaced, taken out, doubled or swapped; sometimes the text itself broken. */
export const mutateJson = (text, r) => {
  if (r.below(5) === 0) return mutateText(text, r)
  const data = JSON.parse(text)
  for (let n = 1 + r.below(3); n > 0; n--) {
    const places = []
    const visit = (value) => {
      if (typeof value !== 'object' || value === null) return
      for (const key of Object.keys(value)) {
        places.push([value, key])
        visit(value[key])
      }
    }
    visit(data)
    if (places.length === 0) break
    const [holder, key] = r.pick(places)
    const [other, otherKey] = r.pick(places)
    switch (r.below(4)) {
      case 0: holder[key] = structuredClone(r.pick(VALUES)); break
      case 1:
        if (Array.isArray(holder)) holder.splice(Number(key), 1)
        else delete holder[key]
        break
      case 2: holder[key] = structuredClone(other[otherKey]); break
      default:
        if (Array.isArray(holder)) holder.splice(Number(key), 0, structuredClone(holder[key]))
        else holder[`${key}x`] = holder[key]
    }
  }
  return JSON.stringify(data)
}

/** Bytes flipped, taken out, doubled, or the end cut off. */
export const mutateBytes = (bytes, r) => {
  let result = Buffer.from(bytes)
  for (let n = 1 + r.below(4); n > 0 && result.length > 0; n--) {
    const at = r.below(2) ? r.below(result.length) : r.below(Math.min(result.length, 400))
    switch (r.below(4)) {
      case 0: result[at] ^= 1 << r.below(8); break
      case 1: result = Buffer.concat([result.subarray(0, at), result.subarray(at + 1 + r.below(8))]); break
      case 2: result = Buffer.concat([result.subarray(0, at + 4), result.subarray(at)]); break
      default: result = result.subarray(0, at)
    }
  }
  return result
}
