import type { Command } from 'commander'

/** Makes what the parser of the command line complains about look like any other message: what is wrong, a hint, and no page of help. */
export function tellsUsageErrors(command: Command, name: string): void {
  command.configureOutput({
    outputError: (text, write) => {
      const [first = '', suggestion] = text.trim().split('\n')
      const near = suggestion === undefined ? '' : `${suggestion.replace(/^\(D/, 'd').replace(/\)$/, '')} `
      write(`mmrace: ${first.replace(/^error: /, '')}\n  hint: ${near}${name} --help shows what there is\n`)
    },
  })
}
