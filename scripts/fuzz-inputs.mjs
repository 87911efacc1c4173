// Mutated files of every kind that mmrace reads: no crash, no hang, no exit status that says a fault of mmrace, and a hint
// with every message. `npm run fuzz:inputs -- [--count N] [--seed N] [--only race,trace,…]`; needs a build.
import { fork, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { mutateBytes, mutateJson, mutateText, random } from './mutate.mjs'

const root = path.resolve(import.meta.dirname, '..')
const bin = path.join(root, 'bin/mmrace.mjs')
const { values } = parseArgs({ options: { count: { type: 'string', default: '5000' }, seed: { type: 'string' }, only: { type: 'string' } } })
const count = Number(values.count)
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed)
/** Seconds for one file; of a race file that takes longer the command's own watch has to say so. */
const PATIENCE = 40
const LIMITS = ['--max-states', '2000', '--max-seconds', '5', '--no-orders']
const RACE = 'gup-fast-vs-thp-collapse'

const dir = mkdtempSync(path.join(tmpdir(), 'mmrace-fuzz-'))
const texts = (folder, ending) => readdirSync(path.join(root, folder)).filter((file) => file.endsWith(ending)).map((file) => readFileSync(path.join(root, folder, file), 'utf8'))
const made = (args, file) => {
  spawnSync(process.execPath, [bin, ...args], { cwd: dir })
  return readFileSync(path.join(dir, file))
}
const programs = () => readdirSync(path.join(root, 'test/fidelity')).filter((file) => /\.jsonl\.(gz|br)$/.test(file)).flatMap((file) => {
  const bytes = readFileSync(path.join(root, 'test/fidelity', file))
  return (file.endsWith('.gz') ? gunzipSync(bytes) : brotliDecompressSync(bytes)).toString('utf8').split('\n').filter((line) => line !== '').slice(0, 20)
})

/** By kind: files to start from, how one is changed, what it is called, and the command that reads it. */
const KINDS = {
  race: { seeds: () => texts('races', '.ts').filter((text) => !text.includes('./scenes/')), mutate: mutateText, ending: 'ts', args: (file) => ['check', file, ...LIMITS] },
  trace: { seeds: () => [String(made(['check', RACE, '--bug', '--no-orders', '--trace', 't.json'], 't.json'))], mutate: mutateJson, ending: 'json', args: (file) => ['replay', file] },
  checkpoint: { seeds: () => [made(['check', RACE, '--max-states', '300', '--checkpoint', 'c.ckpt'], 'c.ckpt')], mutate: mutateBytes, ending: 'ckpt', args: (file) => ['check', RACE, '--resume', file, ...LIMITS] },
  litmus: { seeds: () => texts('test/litmus/suite', '.litmus'), mutate: mutateText, ending: 'litmus', args: (file) => ['litmus', file] },
  vmsa: { seeds: () => texts('test/litmus/vmsa', '.litmus'), mutate: mutateText, ending: 'litmus', args: (file) => ['vmsa', file] },
  fidelity: { seeds: programs, mutate: mutateJson, ending: 'jsonl', args: (file) => ['fidelity', file] },
}

let child
const start = () => new Promise((resolve) => {
  child = fork(path.join(root, 'scripts/fuzz-inputs-child.mjs'), { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], cwd: dir })
  child.once('message', resolve)
})

const ask = (args) => new Promise((resolve) => {
  const done = (answer) => {
    clearTimeout(timer)
    child.removeAllListeners()
    resolve(answer)
  }
  const timer = setTimeout(() => done({ status: 'hangs', said: '' }), PATIENCE * 1000)
  child.once('message', done)
  child.once('exit', (code, signal) => done({ status: 'died', said: `${code} ${signal}` }))
  child.send(args)
})

const OK = new Set([0, 1, 2, 3, 4, 5])
const wrong = ({ status, said }) => (!OK.has(status) ? `ends with ${status}: ${said}` : status === 2 && !/hint: /.test(said) && said !== '' ? `has no hint: ${said}` : undefined)

console.log(`seed ${seed}, ${count} of each`)
await start()
let bad = 0
for (const name of values.only?.split(',') ?? Object.keys(KINDS)) {
  const { seeds, mutate, ending, args } = KINDS[name]
  const files = seeds()
  const statuses = {}
  const began = performance.now()
  for (let i = 0; i < count; i++) {
    const r = random(Math.imul(seed, 1_000_003) + i * 17 + name.length)
    const file = path.join(dir, `${name}-${i}.${ending}`)
    writeFileSync(file, mutate(r.pick(files), r))
    let answer = await ask(args(file))
    // What a race file leaves to nobody, or does for ever, the command sees from outside.
    if (['hangs', 'died', 'rejected'].includes(answer.status)) {
      child.kill('SIGKILL')
      await start()
      const again = name === 'race' ? spawnSync(process.execPath, [bin, ...args(file)], { cwd: dir, encoding: 'utf8', timeout: 200_000 }) : undefined
      if (again && OK.has(again.status)) answer = { status: again.status, said: again.stderr }
    }
    statuses[answer.status] = (statuses[answer.status] ?? 0) + 1
    const what = wrong(answer)
    if (what === undefined) rmSync(file)
    else {
      bad++
      console.log(`${file} (seed ${seed}, number ${i}) ${what}`)
    }
  }
  console.log(`${name}: ${count} files in ${Math.round((performance.now() - began) / 1000)} s, by status ${JSON.stringify(statuses)}`)
}
child.kill()
if (bad === 0) rmSync(dir, { recursive: true })
console.log(bad === 0 ? 'none crashes, hangs, or is called a fault of mmrace' : `${bad} do not end as they should; the files are in ${dir}`)
process.exitCode = bad === 0 ? 0 : 1
