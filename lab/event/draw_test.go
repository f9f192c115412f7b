package event_test
import ("testing";"os";"example.com/dtx/lab/event")
func TestDraw(t *testing.T){ event.Text(os.Stdout, columns(), anOrder())
f,_:=os.Create("/tmp/x.svg"); event.SVG(f, columns(), anOrder()); f.Close() }
