import type { Command } from 'commander'

/** The options that were given, as one would give them again; without some. */
export function optionWords(command: Command, without: readonly string[]): string[] {
  return command.options.flatMap((option) => {
    const name = option.attributeName()
    if (command.getOptionValueSource(name) !== 'cli' || without.includes(name)) return []
    const value: unknown = command.getOptionValue(name)
    if (typeof value === 'boolean') return [option.long!]
    return (Array.isArray(value) ? value : [value]).flatMap((one) => [option.long!, String(one)])
  })
}
