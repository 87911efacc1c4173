// Faults of a queue, tried: workers killed at random, the server started again meanwhile. The result has to be that of one machine.
//   node scripts/queue-faults.mjs [kills]     needs a build, and redis-server or valkey-server
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'

const KILLS = Number(process.argv[2] ?? 50)
const WORKERS = 2
const bin = path.resolve(import.meta.dirname, '../bin/mmrace.mjs')
const RACES = ['gup-fast-vs-thp-collapse', 'gup-fast-vs-fork', 'dirty-cow', 'fence-wait-vs-signal', 'reclaim-vs-pin', 'oom-reaper-vs-exit']
const MATRIX = ['matrix', ...RACES, '--kernels', '6.1,7.3']

const probe = createServer().listen(0, '127.0.0.1')
await once(probe, 'listening')
const { port } = probe.address()
probe.close()
const dir = mkdtempSync(path.join(tmpdir(), 'mmrace-faults-'))
const program = ['redis-server', 'valkey-server'].find((name) => spawnSync(name, ['--version']).status === 0)
const url = `redis://127.0.0.1:${port}`
const serve = () => spawn(program, ['--port', port, '--bind', '127.0.0.1', '--dir', dir, '--appendonly', 'yes', '--appendfsync', 'always', '--save', ''], { stdio: 'ignore' })
const work = () => spawn(process.execPath, [bin, 'work', '--queue', url, '--workers', '1'], { stdio: 'ignore' })
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

let server = serve()
await pause(1000)
const workers = Array.from({ length: WORKERS }, work)
let kills = 0
let restarts = 0
let rounds = 0
const wanted = spawnSync(process.execPath, [bin, ...MATRIX], { encoding: 'utf8' })
const wrong = []
while (kills < KILLS) {
  const run = spawn(process.execPath, [bin, ...MATRIX, '--queue', url], { stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let err = ''
  run.stdout.setEncoding('utf8').on('data', (text) => (out += text))
  run.stderr.setEncoding('utf8').on('data', (text) => (err += text))
  const ended = new Promise((resolve) => run.on('close', resolve))
  const end = { status: undefined }
  void ended.then((value) => (end.status = value))
  while (end.status === undefined) {
    await pause(500 + Math.random() * 3000)
    if (end.status !== undefined || kills >= KILLS) continue
    const i = Math.floor(Math.random() * WORKERS)
    workers[i].kill('SIGKILL')
    workers[i] = work()
    kills++
    if (kills % 10 !== 0) continue
    server.kill('SIGKILL')
    await once(server, 'exit')
    server = serve()
    restarts++
  }
  rounds++
  if (end.status !== wanted.status || out !== wanted.stdout) wrong.push({ round: rounds, status: end.status, err: err.slice(-500) })
}
for (const one of workers) one.kill('SIGKILL')
const left = spawnSync('redis-cli', ['-p', String(port), '--scan', '--pattern', 'mmrace:*'], { encoding: 'utf8' }).stdout.trim()
server.kill('SIGTERM')
await once(server, 'exit')
rmSync(dir, { recursive: true, force: true })
console.log(`${rounds} runs of ${wanted.stdout.match(/\d+ of \d+ as history says\s*$/)?.[0].trim()}; ${kills} workers killed with SIGKILL, ${restarts} times the server: ${rounds - wrong.length} runs as on one machine`)
if (left !== '') console.log(`left on the server: ${left}`)
for (const one of wrong) console.log(JSON.stringify(one))
process.exitCode = wrong.length === 0 && left === '' ? 0 : 1
