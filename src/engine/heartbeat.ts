/**
 * Called whenever model code is about to run. Whoever runs the engine beside a watchdog sets it: model code that loops
 * for ever without a step cannot be stopped from inside.
 */
export const heartbeat: { beat: () => void } = { beat: () => undefined }
