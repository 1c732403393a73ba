// oxlint-disable-next-line no-control-regex -- terminals speak in control characters
const control = /\u001b\[[0-9;?]*[ -/]*[@-~]|\u001b[()][A-Z0-9]|\u001b[=>78cDEHM]|[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g;

/** Makes readable text of what a console printed: without colours, and with overwritten lines overwritten. */
export function plain(text: string): string {
  return text
    .replaceAll("\r\n", "\n")
    .replaceAll(control, "")
    .split("\n")
    .map((line) => line.slice(line.lastIndexOf("\r", line.length - 2) + 1).replace(/\r$/, ""))
    .join("\n");
}
