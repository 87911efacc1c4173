import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, expect, it } from 'vitest'
import { programsOf } from '../../src/cli/fidelity/program-files.js'

const folder = mkdtempSync(path.join(tmpdir(), 'mmrace-'))
afterAll(() => rmSync(folder, { recursive: true }))

const STEP = { r: 0, e: 0, v: -1, o: [], m: [] }
const program = (prog: readonly string[], steps = prog.map(() => STEP), pages = [0]): string =>
  `${JSON.stringify({ id: 'p', pages, prog, steps })}\n`

const read = async (name: string, content: string | Uint8Array): Promise<number> => {
  const file = path.join(folder, name)
  writeFileSync(file, content)
  let count = 0
  for await (const _ of programsOf(file)) count++
  return count
}

it('reads a program per line, packed or not', async () => {
  const two = program(['mmap 0 0 4 0 3', 'write 0 0 1']) + program([])
  expect(await read('plain.jsonl', two)).toBe(2)
  expect(await read('packed.jsonl.gz', gzipSync(two))).toBe(2)
})

it.each([
  ['broken.jsonl', '{"id"', 'broken.jsonl:1 is not a recorded program: it is not JSON'],
  ['array.jsonl', `${program([])}[]`, 'array.jsonl:2 is not a recorded program: Invalid input: expected object'],
  ['steps.jsonl', program(['read 0 0'], []), '1 operations, but 0 steps'],
  ['field.jsonl', '{"id":1,"pages":[],"prog":[],"steps":[]}', 'id: Invalid input: expected string'],
  ['unknown.jsonl', program(['wriet 0 0 1']), 'operation 0, "wriet 0 0 1": there is no operation "wriet"'],
  ['name.jsonl', program(['constructor 0']), 'there is no operation "constructor"'],
  ['number.jsonl', program(['read 0 x']), '"x" is not a number'],
  ['negative.jsonl', program(['read 0 -1']), '"-1" is not a number'],
  ['huge.jsonl', program(['mmap 0 0 99999999 0 3']), 'it reaches beyond the 4096 pages'],
  ['end.jsonl', program(['munmap 0 4095 2']), 'it reaches beyond the 4096 pages'],
  ['page.jsonl', program([], [], [5000]), 'page 5000 is observed, of 4096'],
  ['long.jsonl', 'a'.repeat(5_000_000), 'a line of more than 4194304 characters'],
  ['cut.jsonl.gz', gzipSync(program([])).subarray(0, 30), 'cut.jsonl.gz cannot be unpacked'],
  ['not.jsonl.xz', 'no xz', 'not.jsonl.xz cannot be unpacked'],
])('says what is wrong with %s', async (name, content, message) => {
  await expect(read(name, content)).rejects.toThrow(message)
})
