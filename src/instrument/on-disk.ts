import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const exists = (href: string): boolean => existsSync(fileURLToPath(href))

/** The file an import means. TypeScript files may be imported by the name that they would have once compiled, or without one. */
export const onDisk = (url: URL): string => {
  if (exists(url.href)) return url.href
  return [url.href.replace(/\.(m?)js$/, '.$1ts'), `${url.href}.ts`].find(exists) ?? url.href
}
