{ What programs use of Delphi's unit, declared for Free Pascal's compiler. Nothing here runs. }
unit System.DateUtils;

{$mode delphi}{$H+}

interface

type
  TTimeZone = class
    class function Local: TTimeZone; static;
    function ToUniversalTime(const Time: TDateTime): TDateTime;
  end;

function TryISO8601ToDate(const Text: string; out Value: TDateTime; ReturnUTC: Boolean): Boolean;
function SecondsBetween(const One, Other: TDateTime): Int64;

implementation

class function TTimeZone.Local: TTimeZone; begin Result := nil; end;
function TTimeZone.ToUniversalTime(const Time: TDateTime): TDateTime; begin Result := Time; end;
function TryISO8601ToDate(const Text: string; out Value: TDateTime; ReturnUTC: Boolean): Boolean;
begin
  Value := 0;
  Result := False;
end;
function SecondsBetween(const One, Other: TDateTime): Int64; begin Result := 0; end;

end.
