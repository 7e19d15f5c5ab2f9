/** How Node-RED runs here: without editor, with nothing but what it brings, telling nobody of itself. */
export const nodeRedSettings = {
  flowFile: 'flows.json',
  uiHost: '127.0.0.1',
  httpAdminRoot: false,
  credentialSecret: false,
  editorTheme: { projects: { enabled: false } },
  telemetry: { enabled: false, updateNotification: false },
  diagnostics: { enabled: false },
  externalModules: {
    autoInstall: false,
    palette: { allowInstall: false, allowUpdate: false, allowUpload: false },
    modules: { allowInstall: false },
  },
  logging: { console: { level: 'info', metrics: false, audit: false } },
};
