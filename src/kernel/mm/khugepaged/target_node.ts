/** mm/khugepaged.c:hpage_collapse_find_target_node: the node that most of the pages are on, the first of several. */
export const hpage_collapse_find_target_node = (node_load: readonly number[]): number =>
  node_load.indexOf(Math.max(...node_load))
