import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { root } from '../cli/command.js'

const there = (program: string): boolean => spawnSync(program, ['--version']).status === 0

/** What serves queues here; undefined where neither is installed. */
export const PROGRAM = ['redis-server', 'valkey-server'].find(there)

if (PROGRAM === undefined) console.warn('tests of the queue are skipped: there is no redis-server and no valkey-server')

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  return port
}

/** A server on the loopback address that keeps what it has when it is started again. */
export class Server {
  private process: ChildProcess | undefined
  private constructor(private readonly dir: string, readonly port: number) {}

  static async start(): Promise<Server> {
    const server = new Server(mkdtempSync(path.join(tmpdir(), 'mmrace-queue-')), await freePort())
    await server.run()
    return server
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`
  }

  private async run(): Promise<void> {
    this.process = spawn(PROGRAM!, ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.dir, '--appendonly', 'yes', '--appendfsync', 'always', '--save', ''], { stdio: ['ignore', 'pipe', 'ignore'] })
    for await (const text of this.process.stdout!) if (String(text).includes('eady to accept connections')) break
  }

  private async end(): Promise<void> {
    const { process } = this
    if (!process || process.exitCode !== null) return
    process.kill('SIGTERM')
    await once(process, 'exit')
  }

  async restart(): Promise<void> {
    await this.end()
    await this.run()
  }

  async stop(): Promise<void> {
    await this.end()
    rmSync(this.dir, { recursive: true, force: true })
  }
}

/** The command in the background. */
export class Running {
  out = ''
  err = ''
  private readonly child: ChildProcess
  readonly ended: Promise<number | null>

  constructor(args: readonly string[], cwd: string) {
    this.child = spawn(process.execPath, [path.join(root, 'bin/mmrace.mjs'), ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    this.child.stdout!.setEncoding('utf8').on('data', (text: string) => (this.out += text))
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.err += text))
    this.ended = new Promise((resolve) => this.child.on('close', resolve))
  }

  async said(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.out + this.err)
      if (match) return match
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    this.child.kill(signal)
    await this.ended
  }
}
