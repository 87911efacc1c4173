// Runs command lines one after the other for fuzz-inputs.mjs, as the command does, and tells of each how it ended.
import { run } from '../dist/main.js'

let said = ''
process.stderr.write = (text) => {
  said += String(text)
  return true
}
process.on('message', (args) => void answer(args))

async function answer(args) {
  said = ''
  let status
  try {
    status = await run(args, () => {}, new AbortController().signal)
  } catch (error) {
    status = 'threw'
    said = error instanceof Error ? error.stack ?? error.message : String(error)
  }
  process.send({ status, said: said.slice(0, 2000) })
}
process.on('unhandledRejection', (error) => process.send({ status: 'rejected', said: String(error?.stack ?? error).slice(0, 2000) }))
process.send('ready')
