import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type BrowserContext, chromium, type Page } from 'playwright-core'

const root = path.resolve(import.meta.dirname, '../..')
const EXECUTABLE = process.env['CHROMIUM'] ?? '/usr/bin/chromium'

/** Why the tests of the page cannot run here; undefined if they can. */
export const obstacle = !existsSync(EXECUTABLE)
  ? `no Chromium at ${EXECUTABLE}; install it, or name one in CHROMIUM`
  : existsSync(path.join(root, 'dist/page.br')) ? undefined : 'the page is not built; run npm run build'

if (obstacle !== undefined) console.warn(`tests of the page are skipped: ${obstacle}`)

const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync']

/** A browser of its own with a fresh profile, and a directory for what the tests write. */
export class Browser {
  private constructor(private readonly context: BrowserContext, readonly dir: string) {}

  static async start(): Promise<Browser> {
    const dir = mkdtempSync(path.join(tmpdir(), 'mmrace-ui-'))
    const context = await chromium.launchPersistentContext(path.join(dir, 'profile'), {
      executablePath: EXECUTABLE, args: ARGS, viewport: { width: 1400, height: 900 }, acceptDownloads: true,
    })
    return new Browser(context, dir)
  }

  async stop(): Promise<void> {
    await this.context.close()
    rmSync(this.dir, { recursive: true, force: true })
  }

  /** Opens a page; what it asked for and what went wrong in it is written down. */
  async open(url: string): Promise<Opened> {
    const page = await this.context.newPage()
    const requests: string[] = []
    const errors: string[] = []
    page.on('request', (request) => requests.push(request.url()))
    page.on('pageerror', (error) => errors.push(error.message))
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
    await page.goto(url)
    // The script unpacks itself after the document is there.
    await page.waitForFunction(() => !document.querySelector('#page') || document.querySelector('#page header'))
    return { page, requests, errors }
  }

  /** The page of a checked race as a file, by the command. */
  exported(name: string, ...args: string[]): string {
    const file = path.join(this.dir, `${path.basename(name)}${args.map((arg) => path.basename(arg)).join('')}.html`)
    if (!existsSync(file)) mmrace('check', name, ...args, '--html', file)
    return file
  }
}

export interface Opened {
  readonly page: Page
  readonly requests: readonly string[]
  readonly errors: readonly string[]
}

/** Runs the command; gives what it printed, whatever its status. */
export function mmrace(...args: string[]): string {
  try {
    return execFileSync(process.execPath, [path.join(root, 'bin/mmrace.mjs'), ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  } catch (error) {
    return (error as { stdout: string }).stdout
  }
}

/** The state of the table: which step is selected. */
export const selectedStep = (page: Page): Promise<string | null> =>
  page.getByRole('grid', { name: 'interleaving' }).locator('[aria-selected=true]').getAttribute('data-step')
