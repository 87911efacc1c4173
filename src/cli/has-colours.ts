/** Whether standard output shows colours: a terminal that has them, unless NO_COLOR or FORCE_COLOR say otherwise. */
export const hasColours = (): boolean => (process.stdout.isTTY ? process.stdout.hasColors() : !['', '0', undefined].includes(process.env['FORCE_COLOR']))
