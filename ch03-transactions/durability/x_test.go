package durability_test
import ("testing";"time";"example.com/dtx/ch03-transactions/durability")
func TestX(t *testing.T){ for _,d:=range []time.Duration{time.Second,2*time.Second,4*time.Second,8*time.Second}{ a,_:=durability.Cost(t.Context(),t.TempDir(),d); t.Log(d,a.Rows())}}
