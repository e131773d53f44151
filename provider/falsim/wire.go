package falsim

// What goes over the wire, as the public API pages have it.

type wireInstance struct {
	ID       string  `json:"id"`
	Type     string  `json:"instance_type"`
	Region   string  `json:"region"`
	Status   string  `json:"status"`
	Sector   *string `json:"sector,omitempty"`
	IP       *string `json:"ip,omitempty"`
	Nickname *string `json:"creator_user_nickname,omitempty"`
}

type wirePage struct {
	Instances  []wireInstance `json:"instances"`
	NextCursor *string        `json:"next_cursor"`
	HasMore    bool           `json:"has_more"`
}

type wireCreate struct {
	Type   string  `json:"instance_type"`
	SSHKey string  `json:"ssh_key"`
	Sector *string `json:"sector"`
}

type wireError struct {
	Error wireErrorBody `json:"error"`
}

type wireErrorBody struct {
	Type      string `json:"type"`
	Message   string `json:"message"`
	DocsURL   string `json:"docs_url"`
	RequestID string `json:"request_id"`
}

// wire is the instance as the API shows it. Called with mu held.
func (i *instance) wire() wireInstance {
	optional := func(s string) *string {
		if s == "" {
			return nil
		}
		return &s
	}
	return wireInstance{
		ID: i.id, Type: i.kind, Region: i.region, Status: i.status,
		Sector: optional(i.sector), IP: optional(i.ip), Nickname: optional(i.creator),
	}
}
