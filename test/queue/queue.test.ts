import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Queue } from 'bullmq'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { addressOf } from '../../src/cli/queue/address.js'
import { pack, unpack } from '../../src/cli/queue/pieces.js'
import { mmrace } from '../cli/command.js'
import { PROGRAM, Running, Server } from './server.js'

describe('an address', () => {
  it.each([
    ['redis://127.0.0.1:6380/3', { host: '127.0.0.1', port: 6380, db: 3 }],
    ['redis://localhost', { host: 'localhost', port: 6379, db: 0 }],
    ['redis://[::1]:7000', { host: '::1', port: 7000, db: 0 }],
    ['redis://:a%20b@rack.example', { host: 'rack.example', port: 6379, db: 0, password: 'a b' }],
    ['rediss://me:secret@rack.example:7', { host: 'rack.example', port: 7, db: 0, username: 'me', password: 'secret', tls: {} }],
  ])('%s', (text, address) => expect(addressOf(text)).toEqual(address))

  it.each([
    ['redis://rack.example:6379', 'no password'],
    ['redis://10.0.0.1', 'no password'],
    ['redis://127.0.0.1.example', 'no password'],
    ['http://127.0.0.1', 'is no address'],
    ['127.0.0.1:6379', 'is no address'],
    ['redis://127.0.0.1/x', 'no database'],
  ])('%s is refused', (text, why) => expect(() => addressOf(text)).toThrow(why))

  it('is not told with its password', () => expect(() => addressOf('http://:secret@rack')).toThrow(/^(?!.*secret)/))
})

describe('pieces', () => {
  const kept = new Map<number, string>()
  const get = (i: number) => Promise.resolve(kept.get(i) ?? null)

  it('make up what they were made of, or nothing', async () => {
    const text = Array.from({ length: 1000 }, (_, i) => `${i} é`).join()
    const packed = await pack(text, (i, piece) => Promise.resolve(kept.set(i, piece)), 700)
    expect(packed).toMatchObject({ pieces: Math.ceil(text.length / 700) })
    expect(await unpack(packed, get)).toBe(text)
    kept.set(2, `${kept.get(2)!.slice(1)}x`)
    expect(await unpack(packed, get)).toBeUndefined()
    kept.delete(2)
    expect(await unpack(packed, get)).toBeUndefined()
  })

  it('are not made of what is small', async () => {
    expect(await pack('small', () => Promise.reject(new Error('no')))).toEqual({ text: 'small' })
  })
})

describe.skipIf(PROGRAM === undefined)('a queue', () => {
  let server: Server
  let dir: string
  const running: Running[] = []
  const start = (...args: string[]): Running => {
    const one = new Running(args, dir)
    running.push(one)
    return one
  }
  const worker = async (...files: string[]): Promise<Running> => {
    const one = start('work', ...files, '--queue', server.url, '--workers', '1')
    await one.said(/working on/)
    return one
  }

  const RACE = (name: string, setup: string): string => `import { holds, race, reach } from 'mmrace'
import { atomic } from 'mmrace/engine'
export default race({
  name: '${name}', title: 'a word', setup: (k) => { ${setup}; return { cell: k.kernel.cells.cell('count') } },
  cpus: { 'a': function* ({ cell }) { yield* atomic('one', (m) => m.set(cell, 1)); yield* reach('done') } },
  sometimes: ['done'], variants: { fixed: { expect: holds } },
})
`
  beforeAll(async () => {
    server = await Server.start()
    dir = mkdtempSync(path.join(tmpdir(), 'mmrace-queue-'))
    writeFileSync(path.join(dir, 'good.js'), RACE('good', ''))
    // It ends the process that searches it, as something that is out of memory would be.
    writeFileSync(path.join(dir, 'poison.js'), RACE('poison', "if (process.send) process.kill(process.pid, 'SIGKILL')"))
    // Long enough for its worker to be killed meanwhile, the first time.
    writeFileSync(path.join(dir, 'slow.js'), `import { existsSync, writeFileSync } from 'node:fs'
${RACE('slow', "if (process.send && !existsSync('begun')) { writeFileSync('begun', ''); const end = Date.now() + 6_000; while (Date.now() < end); }")}`)
  })
  afterEach(async () => {
    await Promise.all(running.splice(0).map((one) => one.kill('SIGKILL')))
  })
  afterAll(async () => {
    await server?.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  it('gives what one machine gives, in the same order', async () => {
    await worker()
    await worker()
    const args = ['matrix', 'gup-fast-vs-thp-collapse', 'dirty-cow', '--arch', 'arm64,generic-no-fast-gup', '--coverage']
    const run = start(...args, '--queue', server.url)
    expect(await run.ended).toBe(0)
    expect(run.out).toBe(mmrace(args).stdout)
  })

  it('survives a worker that is killed, and a server that is started again', async () => {
    const first = await worker('slow.js', 'good.js')
    const run = start('matrix', 'slow.js', 'good.js', '--arch', 'arm64,s390', '--queue', server.url)
    await run.said(/run [0-9a-f]+/)
    await new Promise((resolve) => setTimeout(resolve, 2000))
    await first.kill('SIGKILL')
    await server.restart()
    await worker('slow.js', 'good.js')
    expect(await run.ended).toBe(0)
    expect(run.out).toMatch(/2 races: 4 of 4 as history says/)
  })

  it('names what crashes its searchers, and does the rest', async () => {
    await worker('poison.js', 'good.js')
    const run = start('matrix', 'poison.js', 'good.js', '--arch', 'arm64', '--queue', server.url)
    expect(await run.ended).toBe(4)
    expect(run.err).toMatch(/the race crashes what searches it: its process ended with SIGKILL\n {2}in poison\.js, variant fixed, arm64/)
    expect(run.out).toMatch(/^good[^]*arm64 +holds[^]*1 of 1 as history says/)
  })

  it('keeps a run whose terminal is gone', async () => {
    const run = start('matrix', 'good.js', '--arch', 'arm64,s390', '--queue', server.url)
    const [, name] = await run.said(/mmrace attach ([0-9a-f]+)/)
    await run.kill('SIGKILL')
    await worker('good.js')
    const again = start('attach', name!, 'good.js', '--queue', server.url)
    expect(await again.ended).toBe(0)
    expect(again.out).toMatch(/2 of 2 as history says/)
    const third = start('attach', name!, 'good.js', '--queue', server.url)
    expect(await third.ended).toBe(2)
    expect(third.err).toMatch(/no run/)
  })

  it('has no jobs of another model, and of no other files', async () => {
    const one = await worker('good.js')
    const [, name, model] = /working on (mmrace-(\w+))/.exec(one.out)!
    const [host, port] = ['127.0.0.1', server.port]
    const queue = new Queue(name!, { connection: { host, port } })
    const job = { race: 'good.js', variant: 'fixed', arch: 'arm64', kernel: '6.1', seconds: 5, changes: [] }
    const reasonOf = async (data: object): Promise<string> => {
      const { id } = await queue.add('forged', data)
      for (;;) {
        const { failedReason } = (await queue.getJob(id!))!
        if (failedReason) return failedReason
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }
    expect(await reasonOf({ model: 'another', job })).toMatch(/another model refuses it/)
    expect(await reasonOf({ model, job: { ...job, race: '/etc/hosts.js' } })).toMatch(/not among those that a worker was started with/)
    expect(await reasonOf({ model, job: { ...job, race: '../races/other.ts' } })).toMatch(/not among those/)
    expect(await reasonOf({ model, job: { ...job, race: 'toString' } })).toMatch(/not among those/)
    expect(await reasonOf({ model, job: { ...job, changes: ['good.js'] } })).toMatch(/not among those/)
    await queue.close()
  })
})

it.each([
  [['work', '--queue', 'redis://rack:6379'], 'no password is given'],
  [['work', 'dirty-cow', '--queue', 'redis://127.0.0.1:1'], 'is no race file'],
  [['matrix', 'dirty-cow', '--queue', 'redis://127.0.0.1:1'], 'nothing answers at 127.0.0.1:1'],
])('refuses %j', (args, message) => {
  expect(mmrace(args)).toMatchObject({ status: 2, stderr: expect.stringContaining(message) as string })
})
