package wire

// ConfigurationSetting is one setting of the server's configuration.
type ConfigurationSetting struct {
	Name  string `json:"name" doc:"As in the file, with dots between the levels." example:"api.session_idle"`
	Value string `json:"value" doc:"As it is written in the file. A secret reads <secret>."`
	Set   bool   `json:"set" doc:"It is another one than the default."`
	About string `json:"about" doc:"What it means."`
}
