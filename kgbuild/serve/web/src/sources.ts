// What a document is called where there is no room for its whole path.

/** The last part of a source: a file's name, and after «›» what lies in the file. */
export function nameOf(source: string): string {
  const [file = source, ...inside] = source.split("!/");
  const last = (path: string) => path.slice(path.replace(/\/+$/, "").lastIndexOf("/") + 1) || path;
  return [last(file), ...inside].join(" › ");
}
