/** @file How many files, connections among them, this process may have open. */

/** The limit of the system, which Node raises as far as it may when it begins; infinite where there is none, as on Windows. */
export function mostOpenFiles(): number {
  const report = process.report as typeof process.report & { excludeNetwork?: boolean };
  // Names of the network are not looked up, which can take seconds.
  report.excludeNetwork = true;
  // Node's types take it for text.
  const { userLimits } = report.getReport() as unknown as {
    readonly userLimits?: { readonly open_files?: { readonly soft: number | string } };
  };
  const limit = Number(userLimits?.open_files?.soft);
  return Number.isFinite(limit) ? limit : Number.POSITIVE_INFINITY;
}
