package api

import "time"

// Forgive forgets how often anybody tried.
func (s *Server) Forgive() { s.limiter = newLimiter(2*time.Second, 10) }
