// Plugins that bring no types. All that is done with one is to hand it to Babel.
declare module '@babel/plugin-transform-typescript' {
  import type { PluginItem } from '@babel/core'
  const plugin: PluginItem
  export default plugin
}
declare module '@babel/plugin-transform-modules-commonjs' {
  import type { PluginItem } from '@babel/core'
  const plugin: PluginItem
  export default plugin
}
