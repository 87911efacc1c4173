import { inflated } from '../view/deflate.js'
import type { FromWorker } from '../worker/requests.js'

/**
 * Starts the checker that the page carries. It is made from text, since a page opened as a file may load nothing.
 * `script` adds a race to those it has. Rejects when the page carries none.
 */
export async function startChecker(script: string, onMessage: (message: FromWorker) => void, onError: (why: string) => void): Promise<Worker> {
  const packed = document.querySelector('#mmrace-checker')?.textContent
  if (!packed) throw new Error('this page carries no checker')
  const code = new Blob([await inflated(packed), '\n', script], { type: 'text/javascript' })
  const worker = new Worker(URL.createObjectURL(code))
  worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => onMessage(data))
  worker.addEventListener('error', (event) => onError(event.message || 'the checker could not be started'))
  return worker
}
