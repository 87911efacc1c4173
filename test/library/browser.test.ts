import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root } from '../cli/command.js'
import { Browser, obstacle } from '../ui/browser.js'

describe.skipIf(obstacle !== undefined)('mmrace/check in a browser', () => {
  let browser: Browser
  let server: Server

  beforeAll(async () => {
    browser = await Browser.start()
    // The package as it is, and a page with nothing on it.
    server = createServer(({ url = '/' }, response) => {
      if (url.endsWith('.js')) response.writeHead(200, { 'content-type': 'text/javascript' }).end(readFileSync(path.join(root, 'dist', path.normalize(url))))
      else response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><link rel="icon" href="data:,"><title>page</title>')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })
  afterAll(async () => {
    server?.close()
    await browser?.stop()
  })

  it('checks a race as it is in the package', async () => {
    const { page, errors } = await browser.open(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    // As a text: what the test runner makes of an import() is none of the browser's.
    const result = await page.evaluate(`(async () => {
      const { checkRace } = await import('/check.js')
      const { default: race } = await import('/races/gup-fast-vs-thp-collapse.js')
      let told = 0
      const { verdict, oracles, headline } = await checkRace(race, { variant: 'bug', onProgress: () => void told++ })
      return { verdict, oracles, headline, told: told > 0 }
    })()`)
    expect(result).toEqual({ verdict: 'violated', oracles: ['O5', 'O6'], headline: expect.stringContaining('lost write') as string, told: true })
    expect(errors).toEqual([])
  })
})
