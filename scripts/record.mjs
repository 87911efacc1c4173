// Records what a Debian kernel does with programs of system calls, under qemu:
//   node scripts/record.mjs MACHINE KERNEL PROGRAMS OUT      such as: arm64 7.2 programs.jsonl arm64.jsonl
// PROGRAMS has a JSON object per line with id, pages and prog (random-programs.mjs writes such; a recording will do), OUT is what
// `mmrace fidelity --arch MACHINE --kernel KERNEL` compares. Needs Debian's tools, qemu, a cross compiler, cpio; and half a minute
// and 0.1 to 0.5 seconds a program. Packages are kept in MMRACE_CACHE (default: a folder of the temporary one).
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { packageFile } from './record/debian.mjs'
import { recordings } from './record/decode.mjs'
import { machines } from './record/machines.mjs'

/** What an unmodified kernel lets user space do; the rest of docs/systems.md's operations wants modules of a kernel built for it. */
const OPERATIONS = new Set(['mmap', 'munmap', 'write', 'read', 'fork', 'exit', 'mprotect', 'madvise', 'mremap', 'mlock', 'munlock', 'vmsplice', 'upin', 'unpin', 'move', 'clearsd', 'ksm'])
const INIT = path.resolve(import.meta.dirname, 'record/init.c')
/** A machine that says nothing for so long is given up. */
const SILENCE = 300_000

const fail = (message, hint) => {
  process.stderr.write(`${message}\n  ${hint}\n`)
  process.exit(2)
}

const [, , name = '', kernel = '', from, to] = process.argv
if (!from || !to) fail('node scripts/record.mjs MACHINE KERNEL PROGRAMS OUT', `the machines are ${Object.keys(machines).join(', ')}`)
const machine = Object.hasOwn(machines, name) ? machines[name] : fail(`there is no machine ${JSON.stringify(name)}`, `the machines are ${Object.keys(machines).join(', ')}`)
const wanted = Object.hasOwn(machine.kernels, kernel) ? machine.kernels[kernel] : fail(`no kernel ${JSON.stringify(kernel)} is pinned for ${name}`, `there are ${Object.keys(machine.kernels).join(', ')}`)

const programs = readFileSync(from, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line))
for (const { id, prog } of programs) {
  const unknown = prog.find((line) => !OPERATIONS.has(line.split(' ', 1)[0]))
  if (unknown !== undefined) fail(`program ${id}: ${JSON.stringify(unknown)} is nothing that an unmodified kernel lets a program do`, `there are ${[...OPERATIONS].join(', ')}`)
}

const folder = mkdtempSync(path.join(tmpdir(), 'mmrace-record-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
const inFolder = (...parts) => path.join(folder, ...parts)

/** The kernel's image, and an initial RAM disk of the recorder and the programs. */
function prepare() {
  const cache = process.env.MMRACE_CACHE ?? path.join(tmpdir(), 'mmrace-packages')
  execFileSync('dpkg', ['-x', packageFile(cache, wanted), inFolder('package')])
  mkdirSync(inFolder('root', 'dev'), { recursive: true })
  execFileSync(machine.compiler, ['-O2', '-Wall', '-static', '-o', inFolder('root', 'init'), INIT])
  writeFileSync(inFolder('root', 'programs'), programs.map(({ id, pages, prog }) => `P ${id} ${pages.join(' ')}\n${prog.join('\n')}\nE\n`).join(''))
  execFileSync('mknod', [inFolder('root', 'dev', 'console'), 'c', '5', '1'])
  execFileSync('sh', ['-c', 'cd root && find . | cpio -o -H newc --quiet > ../initrd'], { cwd: folder })
  return execFileSync('find', [inFolder('package'), '-type', 'f', '-name', 'vmlinu*'], { encoding: 'utf8' }).split('\n')[0]
}

/** The lines of a recording machine's console until it switches itself off. */
async function* boot(image) {
  const [command, ...args] = machine.qemu.split(' ')
  const qemu = spawn(command, [
    ...args, '-smp', '1', '-m', '1536M', '-display', 'none', '-serial', 'stdio', '-monitor', 'none', '-no-reboot', '-nodefaults', '-kernel', image,
    '-initrd', inFolder('initrd'), '-append', `${machine.console} rdinit=/init panic=-1 loglevel=0 nokaslr`,
  ], { stdio: ['ignore', 'pipe', 'inherit'] })
  const stop = () => qemu.kill()
  process.on('exit', stop)
  let timer = setTimeout(stop, SILENCE)
  for await (const line of createInterface({ input: qemu.stdout })) {
    clearTimeout(timer)
    timer = setTimeout(stop, SILENCE)
    if (line.startsWith('#')) process.stderr.write(`${line}\n`)
    yield line
  }
  clearTimeout(timer)
}

const image = prepare()
const lines = []
for await (const line of boot(image)) lines.push(line)
if (process.env.MMRACE_RAW) writeFileSync(process.env.MMRACE_RAW, lines.join('\n'))
const recorded = [...recordings(lines, programs)]
writeFileSync(to, recorded.map((program) => `${JSON.stringify(program)}\n`).join(''))
process.stderr.write(`${recorded.length} of ${programs.length} programs recorded\n`)
process.exitCode = recorded.length === programs.length ? 0 : 1
