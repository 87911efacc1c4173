import { randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

const HEADERS = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
} as const

export interface UiServer {
  readonly server: Server
  /** With the token: without it nothing is answered. */
  readonly url: string
}

/**
 * Serves one page, at a path that nobody can guess. Other sites cannot get at it by a name that resolves to this
 * machine: the Host header must be the address itself. Rejects when it cannot listen.
 */
export function serveUi(html: string, { host, port }: { host: string; port: number }): Promise<UiServer> {
  const token = randomBytes(16).toString('hex')
  const hosts = new Set<string>()
  const server = createServer((request, response) => answer(request, response, html, token, hosts))
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      const address = server.address() as { port: number }
      const name = host.includes(':') ? `[${host}]` : host
      hosts.add(`${name}:${address.port}`).add(`localhost:${address.port}`)
      resolve({ server, url: `http://${name}:${address.port}/${token}/` })
    })
  })
}

function answer({ method, url, headers }: IncomingMessage, response: ServerResponse, html: string, token: string, hosts: ReadonlySet<string>): void {
  if (!hosts.has(headers.host ?? '')) return end(response, 403, 'this name is not mine\n')
  if (method !== 'GET' && method !== 'HEAD') return end(response, 405, 'only GET\n')
  if (!sameText(url ?? '', `/${token}/`)) return end(response, 404, 'nothing here; open the address that mmrace ui printed\n')
  response.writeHead(200, { ...HEADERS, 'content-type': 'text/html; charset=utf-8' }).end(method === 'HEAD' ? undefined : html)
}

const end = (response: ServerResponse, status: number, text: string): void =>
  void response.writeHead(status, { ...HEADERS, 'content-type': 'text/plain; charset=utf-8' }).end(text)

const sameText = (a: string, b: string): boolean => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
