package provision

// Wait waits for the runs that have begun.
func (s *Service) Wait() { s.running.Wait() }
