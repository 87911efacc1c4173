/** What XML has no way to write. */
// oxlint-disable-next-line no-control-regex -- these are what is looked for
const UNPRINTABLE = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu

/** A text in XML or HTML, also within quotes. */
export const xml = (text: string): string => text.replaceAll(UNPRINTABLE, '\ufffd')
  .replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;')

/** The same in an attribute, where white space would be made into blanks. */
export const attribute = (text: string): string => xml(text).replaceAll('\n', '&#10;').replaceAll('\r', '&#13;').replaceAll('\t', '&#9;')
