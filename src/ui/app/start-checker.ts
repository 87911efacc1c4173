import type { FromWorker } from '../worker/requests.js'

/** Of the page's starter (src/ui/page/html.ts). */
declare const unpacked: (id: string) => Promise<string>

/**
 * Starts the checker that the page carries. It is made from text, since a page opened as a file may load nothing.
 * `script` adds a race to those it has.
 */
export async function startChecker(script: string, onMessage: (message: FromWorker) => void, onError: (why: string) => void): Promise<Worker> {
  const code = new Blob([await unpacked('mmrace-checker'), '\n', script], { type: 'text/javascript' })
  const worker = new Worker(URL.createObjectURL(code))
  worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => onMessage(data))
  worker.addEventListener('error', (event) => onError(event.message || 'the checker could not be started'))
  return worker
}
