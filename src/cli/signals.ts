/** What asks a process to end: a person, who started it, or the terminal that goes away. CI and timeout(1) send SIGTERM. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Calls `interrupt` at the first of them; what it gives back stops listening. A second one ends the process as usual. */
export function onSignals(interrupt: () => void): () => void {
  const stop = (): void => {
    for (const signal of SIGNALS) process.off(signal, handle)
  }
  const handle = (): void => {
    stop()
    interrupt()
  }
  for (const signal of SIGNALS) process.on(signal, handle)
  return stop
}
