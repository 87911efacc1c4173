// Records what a Debian kernel does with programs of system calls, under qemu:
//   node scripts/record.mjs MACHINE KERNEL PROGRAMS OUT      such as: arm64 7.2 programs.jsonl arm64.jsonl
// PROGRAMS has a JSON object per line with id, pages and prog (random-programs.mjs writes such; a recording will do), OUT is what
// `mmrace fidelity --arch MACHINE --kernel KERNEL` compares. Needs Debian's tools, qemu, a cross compiler, cpio; and half a minute
// and 0.1 to 0.5 seconds a program. Packages are kept in MMRACE_CACHE (default: a folder of the temporary one).
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { boot, machineOf } from './record/boot.mjs'
import { recordings } from './record/decode.mjs'
import { machines } from './record/machines.mjs'

/** What an unmodified kernel lets user space do; the rest of docs/systems.md's operations wants modules of a kernel built for it. */
const OPERATIONS = new Set(['mmap', 'munmap', 'write', 'read', 'fork', 'exit', 'mprotect', 'madvise', 'mremap', 'mlock', 'munlock', 'vmsplice', 'upin', 'unpin', 'move', 'clearsd', 'ksm'])
const INIT = path.resolve(import.meta.dirname, 'record/init.c')

const fail = (message, hint) => {
  process.stderr.write(`${message}\n  ${hint}\n`)
  process.exit(2)
}

const [, , name = '', kernel = '', from, to] = process.argv
if (!from || !to) fail('node scripts/record.mjs MACHINE KERNEL PROGRAMS OUT', `the machines are ${Object.keys(machines).join(', ')}`)

const programs = readFileSync(from, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line))
for (const { id, prog } of programs) {
  const unknown = prog.find((line) => !OPERATIONS.has(line.split(' ', 1)[0]))
  if (unknown !== undefined) fail(`program ${id}: ${JSON.stringify(unknown)} is nothing that an unmodified kernel lets a program do`, `there are ${[...OPERATIONS].join(', ')}`)
}
const text = programs.map(({ id, pages, prog }) => `P ${id} ${pages.join(' ')}\n${prog.join('\n')}\nE\n`).join('')

try {
  const lines = []
  for await (const line of boot(machineOf(name, kernel), INIT, { programs: text })) {
    if (line.startsWith('#')) process.stderr.write(`${line}\n`)
    lines.push(line)
  }
  const recorded = [...recordings(lines, programs)]
  writeFileSync(to, recorded.map((program) => `${JSON.stringify(program)}\n`).join(''))
  process.stderr.write(`${recorded.length} of ${programs.length} programs recorded\n`)
  process.exitCode = recorded.length === programs.length ? 0 : 1
} catch (error) {
  fail(error.message, error.hint ?? 'recording needs Debian\'s tools, qemu, a cross compiler and cpio')
}
