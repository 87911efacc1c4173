// Runs a program, from its source on standard input, as the init of a pinned Debian kernel under qemu, prints what it says, and fails if that
// is not what is expected:
//   node check.mjs MACHINE KERNEL 'expected lines' < program.c
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { boot, machineOf } from '../scripts/record/boot.mjs'

const [, , name, kernel, expected] = process.argv
const folder = mkdtempSync(path.join(tmpdir(), 'mmrace-finding-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
const source = path.join(folder, 'init.c')
writeFileSync(source, `${readFileSync(path.join(import.meta.dirname, 'init.h'), 'utf8')}\n${readFileSync(0, 'utf8')}`)
const machine = machineOf(name, kernel)
const said = []
for await (const line of boot(machine, source)) if (line.startsWith('> ')) said.push(line.slice(2).trim())
console.log(`${machine.kernel.name} ${machine.kernel.version}\n${said.map((line) => `  ${line}`).join('\n')}`)
if (said.join('\n') !== expected) {
  console.log(`it was\n${expected.replaceAll(/^/gm, '  ')}`)
  process.exitCode = 1
}
