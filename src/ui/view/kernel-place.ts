/** Where a step stands in Linux, from where it stands in the model: files of src/kernel bear the kernel's names. */
export function kernelPlace(source: string | undefined): string | undefined {
  const match = /^src\/kernel\/(mm|include|locking|drivers)\/([a-z0-9_]+)/.exec(source ?? '')
  if (!match) return undefined
  const [, room, name] = match
  return room === 'mm' ? `mm/${name}.c` : room === 'include' ? `include/linux/${name}.h` : undefined
}

/** A page about a function of the reference kernel. */
export const referenceUrl = (fn: string): string => `https://elixir.bootlin.com/linux/v6.1/A/ident/${encodeURIComponent(fn)}`
