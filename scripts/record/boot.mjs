// Boots a machine with a program as its init, and gives what that says on its console.
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { packageFile } from './debian.mjs'
import { machines } from './machines.mjs'

/** A machine that says nothing for so long is given up. */
const SILENCE = 300_000

const refused = (message, hint) => Object.assign(new Error(message), { hint })

/** The machine of this name, and the package of a kernel for it. */
export function machineOf(name, kernel) {
  if (!Object.hasOwn(machines, name)) throw refused(`there is no machine ${JSON.stringify(name)}`, `the machines are ${Object.keys(machines).join(', ')}`)
  const machine = machines[name]
  if (!Object.hasOwn(machine.kernels, kernel)) throw refused(`no kernel ${JSON.stringify(kernel)} is pinned for ${name}`, `there are ${Object.keys(machine.kernels).join(', ')}`)
  return { ...machine, kernel: machine.kernels[kernel] }
}

/** The kernel's image, and an initial RAM disk of the init and other files, in `folder`. */
function prepare(machine, folder, init, files) {
  const inFolder = (...parts) => path.join(folder, ...parts)
  const cache = process.env.MMRACE_CACHE ?? path.join(tmpdir(), 'mmrace-packages')
  execFileSync('dpkg', ['-x', packageFile(cache, machine.kernel), inFolder('package')])
  mkdirSync(inFolder('root', 'dev'), { recursive: true })
  execFileSync(machine.compiler, ['-O2', '-Wall', '-static', '-o', inFolder('root', 'init'), init])
  for (const [name, text] of Object.entries(files)) writeFileSync(inFolder('root', name), text)
  execFileSync('mknod', [inFolder('root', 'dev', 'console'), 'c', '5', '1'])
  execFileSync('sh', ['-c', 'cd root && find . | cpio -o -H newc --quiet > ../initrd'], { cwd: folder })
  return execFileSync('find', [inFolder('package'), '-type', 'f', '-name', 'vmlinu*'], { encoding: 'utf8' }).split('\n')[0]
}

/** The lines of its console until the machine switches itself off. `init` is a file of C, `files` are others by name. */
export async function* boot(machine, init, files = {}) {
  const folder = mkdtempSync(path.join(tmpdir(), 'mmrace-boot-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  const image = prepare(machine, folder, init, files)
  const [command, ...args] = machine.qemu.split(' ')
  const qemu = spawn(command, [
    ...args, '-smp', '1', '-m', '1536M', '-display', 'none', '-serial', 'stdio', '-monitor', 'none', '-no-reboot', '-nodefaults', '-kernel', image,
    '-initrd', path.join(folder, 'initrd'), '-append', `${machine.console} rdinit=/init panic=-1 loglevel=0 nokaslr`,
  ], { stdio: ['ignore', 'pipe', 'inherit'] })
  const stop = () => qemu.kill()
  // Who interrupts it keeps what was said.
  for (const event of ['exit', 'SIGINT', 'SIGTERM']) process.on(event, stop)
  let timer = setTimeout(stop, SILENCE)
  for await (const line of createInterface({ input: qemu.stdout })) {
    clearTimeout(timer)
    timer = setTimeout(stop, SILENCE)
    yield line
  }
  clearTimeout(timer)
}
